import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { request } from './request.mjs';

const RUN = fileURLToPath(new URL('../../worker/scripts/workerd.mjs', import.meta.url));
const DEADLINE_MS = 60_000;

/** Fails what takes longer than any machine needs. */
export function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A Pipeline's stand-in that keeps what it is sent and answers what it is told to. */
export class Sink {
  records = [];
  posts = 0;
  status = 200;

  async start() {
    this.server = createServer(async (request, response) => {
      let text = '';
      try {
        for await (const chunk of request) text += chunk;
      } catch {
        // The sender was killed in the middle: what did not arrive whole was never accepted.
        return;
      }
      this.posts++;
      if (this.status === 200) this.records.push(...JSON.parse(text));
      response.writeHead(this.status).end();
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    this.url = `http://127.0.0.1:${port}/`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A Worker in workerd over a folder that outlives it. */
export class Server {
  /** @param {string} [data] the folder of another server, which has ended */
  constructor(
    sink,
    { core = 'js', config = 'wrangler.toml', vars = {}, heapMb = undefined, accessHeader = undefined },
    data = undefined,
  ) {
    this.data = data ?? mkdtempSync(join(tmpdir(), 'unified-storage-'));
    this.options = ['--port', '0', '--data', this.data, '--pipeline-url', sink.url];
    this.options.push('--core', core, '--config', config);
    if (heapMb) this.options.push('--heap-mb', heapMb);
    if (accessHeader) this.options.push('--access-header', accessHeader);
    this.options.push(...Object.entries(vars).map(([name, value]) => `${name}=${value}`));
  }

  async start() {
    this.process = spawn(process.execPath, [RUN, ...this.options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.exited = new Promise((resolve) => this.process.once('exit', resolve));
    const listening = new Promise((resolve, reject) => {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        const port = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (port) resolve(port);
      });
      this.exited.then((code) => reject(new Error(`the server ended with ${code}`)));
    });
    this.port = await soon(listening, 'the server to listen');
    return this;
  }

  /** A server whose start has to fail while this one runs. */
  onTheSameData() {
    return Object.assign(Object.create(Server.prototype), { ...this, process: undefined });
  }

  kill(signal) {
    this.process.kill(signal);
    return soon(this.exited, `the server to end on ${signal}`);
  }

  async stop() {
    await this.kill('SIGKILL');
    rmSync(this.data, { recursive: true, force: true });
  }

  fetch(path, init) {
    return soon(request(`http://127.0.0.1:${this.port}${path}`, init), path);
  }

  async stats(namespace) {
    return (await this.fetch(`/stores/${namespace}/stats`)).json();
  }

  connect(path) {
    return new Client(`ws://127.0.0.1:${this.port}${path}`).open();
  }
}

/** A socket that matches replies to requests by id. */
export class Client {
  #socket;
  #waiting = new Map();
  #unmatched = [];
  #id = 0;

  constructor(url) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(data);
      (this.#waiting.get(reply.id) ?? this.#unmatched.shift())?.(reply);
      this.#waiting.delete(reply.id);
    });
    this.closed = new Promise((resolve) => this.#socket.addEventListener('close', resolve));
  }

  async open() {
    const opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', resolve);
      this.#socket.addEventListener('error', () => reject(new Error('no socket')));
    });
    await soon(opened, 'the socket to open');
    return this;
  }

  /** Sends a request and gives its reply. */
  ask(request) {
    const id = ++this.#id;
    const reply = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ ...request, id }));
    return soon(reply, JSON.stringify(request));
  }

  /** Sends a message as it is and gives the next reply that has no known id. */
  askRaw(message) {
    const reply = new Promise((resolve) => this.#unmatched.push(resolve));
    this.#socket.send(message);
    return soon(reply, 'a reply to a raw message');
  }

  create(id, data) {
    return this.ask({ type: 'create', $type: 'Customer', data: { $id: id, ...data } });
  }

  async read(id) {
    return (await this.ask({ type: 'read', $ids: [id] })).things[id];
  }

  close() {
    this.#socket.close();
    return soon(this.closed, 'the socket to close');
  }
}

const JAR = fileURLToPath(new URL('../../emulator/target/unified-storage-emulator.jar', import.meta.url));

/** The emulator, whose table tests fill file by file. */
export class Emulator {
  #token;
  #options;

  /** @param {{ token?: string, options?: string[] }} [given] */
  constructor({ token, options = [] } = {}) {
    this.#token = token;
    this.data = mkdtempSync(join(tmpdir(), 'unified-storage-'));
    this.#options = ['--port', '0', '--data', this.data, '--faults', ...options];
    if (token) this.#options.push('--set', `ACCESS_TOKEN=${token}`);
  }

  async start() {
    const command = ['-XX:TieredStopAtLevel=1', '-jar', JAR, ...this.#options];
    this.process = spawn('java', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.exited = new Promise((resolve) => this.process.once('exit', resolve));
    const listening = new Promise((resolve, reject) => {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        const url = /(http:\/\/127\.0\.0\.1:\d+)\/health/.exec(line)?.[1];
        if (url) resolve(url);
      });
      this.exited.then((code) => reject(new Error(`the emulator ended with ${code}`)));
    });
    this.url = await soon(listening, 'the emulator to listen');
    this.env = {
      ICEBERG_CATALOG_URL: `${this.url}/iceberg`,
      ICEBERG_OBJECTS_URL: `${this.url}/objects`,
      ICEBERG_TOKEN: this.#token,
    };
    return this;
  }

  async stop() {
    this.process.kill('SIGKILL');
    await soon(this.exited, 'the emulator to end');
    rmSync(this.data, { recursive: true, force: true });
  }

  async ask(method, path, body) {
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    if (body) headers['Content-Type'] = 'application/json';
    const init = { method, headers, body: body && JSON.stringify(body) };
    const response = await soon(request(this.url + path, init), path);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status} ${text}`);
    return text && JSON.parse(text);
  }

  /** Adds the records to the table, as one file. */
  async roll(records) {
    await this.ask('PUT', '/faults', { sink: { mode: 'stall' } });
    for (let i = 0; i < records.length; i += 2000) {
      await this.ask('POST', '/pipelines/events', records.slice(i, i + 2000));
    }
    await this.ask('PUT', '/faults', { sink: { mode: 'ok' } });
    await this.rolled();
  }

  /** Resolves when the table has everything that the Pipeline accepted. */
  async rolled() {
    const all = async () => {
      const { nextOffset, logEnd } = await this.ask('GET', '/archive');
      return nextOffset === logEnd;
    };
    const wait = async () => {
      while (!(await all()));
    };
    await soon(wait(), 'the sink');
  }

  /** Commits changes to the table's metadata. */
  alter(...updates) {
    const table = '/iceberg/v1/emulator/namespaces/unified_storage/tables/events';
    return this.ask('POST', table, { requirements: [], updates });
  }
}
