import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Serves a page, and hands its socket on to the store, so that page and store are of one origin.
 *
 * @param {{ folder: URL, entry: string, store: string, port: number }} options
 * @returns {Promise<import('node:http').Server>}
 */
export async function serve({ folder, entry, store, port }) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, folder))],
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    outdir: 'out',
    write: false,
    logLevel: 'warning',
  });
  const files = new Map(outputFiles.map((file) => [`/${file.path.split('/').at(-1)}`, file.text]));
  const name = entry.replace(/^.*\//, '').replace(/\..*$/, '');
  files.set(
    '/',
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${name}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/${name}.css"><div id="app"></div>` +
      `<script type="module" src="/${name}.js"></script></html>`,
  );
  const target = new URL(store);
  const own = { host: target.host, origin: target.origin };
  const server = createServer((incoming, answer) => {
    if (incoming.url?.startsWith('/stores')) {
      const { method, url: path, headers } = incoming;
      const there = request(target, { method, path, headers: { ...headers, ...own } }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      there.on('error', () => answer.writeHead(502).end());
      incoming.pipe(there);
      return;
    }
    const text = files.get(incoming.url ?? '');
    const type =
      { js: 'text/javascript', css: 'text/css' }[incoming.url?.split('.').at(-1) ?? ''] ?? 'text/html';
    answer.writeHead(text === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` }).end(text);
  });
  server.on('upgrade', ({ url, headers }, socket, head) => {
    const lines = Object.entries({ ...headers, ...own }).map(([header, value]) => `${header}: ${value}`);
    const there = connect(Number(target.port), target.hostname, () => {
      there.write(`GET ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    socket.on('error', () => there.destroy());
    there.on('error', () => socket.destroy());
  });
  await new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  return server;
}
