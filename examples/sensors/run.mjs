// node run.mjs: the sensors, and the page that shows them, against the store of `make run`.
import { runSensors } from './sensors.mjs';
import { serve } from './serve.mjs';

const store = process.env.STORE ?? 'http://127.0.0.1:8787';
const port = Number(process.env.PORT ?? 3001);

runSensors(`${store.replace('http', 'ws')}/stores/sensors`);
const server = await serve({ folder: new URL('.', import.meta.url), entry: 'page.ts', store, port });
console.log(`The sensors' page is http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`);
