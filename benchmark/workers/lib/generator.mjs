// The load generator: one JVM that stays, so that it is warm, and takes one measure a line.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../../worker/scripts/paths.mjs';

export class Generator {
  #child;
  #lines;

  constructor() {
    const jar = join(root, 'benchmark', 'target', 'unified-storage-benchmark.jar');
    this.#child = spawn('java', ['-jar', jar, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
    process.on('exit', () => this.#child.kill('SIGTERM'));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Runs one load, options as on the command line, flags as true; errors of the generator are thrown. */
  async load(options) {
    const words = Object.entries(options).map(([name, value]) =>
      value === true ? `--${name}` : `--${name} ${value}`,
    );
    this.#child.stdin.write(`${words.join(' ')}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the load generator has ended');
    const result = JSON.parse(value);
    if (result.error) throw new Error(`the load generator: ${result.error}`);
    return result;
  }

  stop() {
    this.#child.stdin.end();
  }
}
