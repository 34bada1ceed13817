import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';

const JAR = fileURLToPath(new URL('../../emulator/target/unified-storage-emulator.jar', import.meta.url));
const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** In one process the browser would end with the first page. */
const ARGS = chromium.args.filter((arg) => arg !== '--single-process');
const DEADLINE_MS = 60_000;

/** A real browser: the one that CHROME names, else the package's, else the system's. */
export async function launch() {
  const own = process.env.CHROME;
  const candidates = own ? [own] : [await chromium.executablePath(), ...SYSTEM.filter(existsSync)];
  const failures = [];
  for (const executablePath of candidates) {
    try {
      return await playwright.launch({
        executablePath,
        headless: true,
        args: [...ARGS, '--no-sandbox', '--disable-background-networking'],
      });
    } catch (error) {
      failures.push(`${executablePath}: ${error.message.split('\n')[0]}`);
    }
  }
  throw new Error(
    `no browser starts; install one (apt-get install chromium) or set CHROME. ${failures.join('; ')}`,
  );
}

/** An emulator over a folder of its own, which a crash leaves. */
export class Emulator {
  port = 0;

  constructor(options = ['--faults']) {
    this.data = mkdtempSync(join(tmpdir(), 'unified-storage-'));
    this.options = options;
  }

  async start() {
    this.process = spawn('java', [
      '-jar',
      JAR,
      '--port',
      String(this.port),
      '--data',
      this.data,
      ...this.options,
    ]);
    this.process.stderr.pipe(process.stderr);
    this.exited = new Promise((resolve) => this.process.once('exit', resolve));
    const port = new Promise((resolve, reject) => {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
      this.exited.then((code) => reject(new Error(`the emulator ended with ${code}`)));
      setTimeout(() => reject(new Error('the emulator does not listen')), DEADLINE_MS).unref();
    });
    this.port = Number(await port);
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    this.process.kill('SIGKILL');
    await this.exited;
    rmSync(this.data, { recursive: true, force: true });
  }
}
