// node run.mjs: the board, against the store of `make run`.
import { serve } from './serve.mjs';

const store = process.env.STORE ?? 'http://127.0.0.1:8787';
const port = Number(process.env.PORT ?? 3002);

const server = await serve({ folder: new URL('.', import.meta.url), entry: 'src/board.tsx', store, port });
console.log(`The board is http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`);
