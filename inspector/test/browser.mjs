import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const JAR = join(ROOT, 'emulator', 'target', 'unified-storage-emulator.jar');
const TARGET = join(ROOT, 'inspector', 'target');
const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** In one process the browser would end with the first page; and pages are kept apart, as in a person's browser. */
const ARGS = chromium.args.filter(
  (arg) => !['--single-process', '--disable-web-security', '--disable-site-isolation-trials'].includes(arg),
);
const DEADLINE_MS = 60_000;

/**
 * A real browser: the one that CHROME names, else the package's, else the system's.
 *
 * @param {string[]} args what it is told beside what it needs to run here
 */
export async function launch(args = []) {
  const own = process.env.CHROME;
  const candidates = own ? [own] : [await chromium.executablePath(), ...SYSTEM.filter(existsSync)];
  const failures = [];
  for (const executablePath of candidates) {
    try {
      return await playwright.launch({
        executablePath,
        headless: true,
        args: [...ARGS, '--no-sandbox', '--disable-background-networking', ...args],
      });
    } catch (error) {
      failures.push(`${executablePath}: ${error.message.split('\n')[0]}`);
    }
  }
  throw new Error(
    `no browser starts; install one (apt-get install chromium) or set CHROME. ${failures.join('; ')}`,
  );
}

/**
 * A free port that no connection is given while its server is down: the kernel takes a port for those from 32768 on,
 * and a server cannot listen on a port that a connection has.
 */
async function lastingPort() {
  for (;;) {
    const port = randomInt(10_000, 20_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** An emulator over a folder of its own, which a crash leaves. It has one port for as long as it lives. */
export class Emulator {
  port = 0;

  constructor(options = ['--faults']) {
    this.data = mkdtempSync(join(tmpdir(), 'unified-storage-'));
    this.options = options;
  }

  async start() {
    this.port ||= await lastingPort();
    this.process = spawn('java', [
      '-XX:TieredStopAtLevel=1',
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
    const listening = new Promise((resolve, reject) => {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        if (line.includes(`http://127.0.0.1:${this.port}`)) resolve(undefined);
      });
      this.exited.then((code) => reject(new Error(`the emulator ended with ${code}`)));
      setTimeout(() => reject(new Error('the emulator does not listen')), DEADLINE_MS).unref();
    });
    await listening;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    this.process.kill('SIGKILL');
    await this.exited;
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** The Worker that would be deployed, under `wrangler dev`, which serves its static assets as the platform does. */
export class Worker {
  #printed = '';

  async start(vars) {
    this.data = mkdtempSync(join(tmpdir(), 'unified-storage-'));
    const config = join(TARGET, `wrangler-${process.pid}.toml`);
    mkdirSync(TARGET, { recursive: true });
    writeFileSync(config, deployed());
    const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler')), 'cli.js');
    const given = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
    this.process = spawn(
      process.execPath,
      [
        wrangler,
        'dev',
        '--config',
        config,
        '--port',
        '0',
        '--inspector-port',
        '0',
        '--persist-to',
        this.data,
        ...given,
      ],
      {
        env: { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false' },
        // A group of its own: wrangler's children end with it.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.url = await new Promise((resolve, reject) => {
      for (const stream of [this.process.stdout, this.process.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.#printed += `${line}\n`;
          const found = /Ready on (http:\/\/\S+)/.exec(line)?.[1];
          if (found) resolve(found.replace('localhost', '127.0.0.1'));
        });
      }
      const fail = (what) => reject(new Error(`wrangler dev ${what}\n${this.#printed}`));
      this.process.once('exit', (code) => fail(`ended with ${code}`));
      setTimeout(() => fail('does not listen'), DEADLINE_MS).unref();
    });
    rmSync(config);
    return this;
  }

  stop() {
    process.kill(-this.process.pid, 'SIGKILL');
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** The configuration that is deployed, from another folder, without its build: tests have built. */
function deployed() {
  return readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')
    .replace(/^\[build\]\n(?:.+\n)+/m, '')
    .replace(/^(main|directory) = "/gm, '$1 = "../../');
}
