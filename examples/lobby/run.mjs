// node run.mjs: the lobby's Worker in wrangler dev, and its page.
import { spawn } from 'node:child_process';
import { serve } from './serve.mjs';

const port = Number(process.env.PORT ?? 3003);
const worker = Number(process.env.WORKER_PORT ?? 8790);
const folder = new URL('.', import.meta.url);

const wrangler = spawn('npx', ['wrangler', 'dev', '--port', String(worker)], {
  cwd: folder,
  stdio: 'inherit',
});
wrangler.on('exit', (code) => process.exit(code ?? 1));
const server = await serve({ folder, entry: 'page.ts', store: `http://127.0.0.1:${worker}`, port });
console.log(`The lobby is http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`);
