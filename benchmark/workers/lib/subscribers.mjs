// Clients that follow one thing, in a thread of their own: what they read does not keep the one who writes waiting.

import { parentPort, Worker, workerData } from 'node:worker_threads';
import { opened } from './measures.mjs';

/** So many sockets, each subscribed to one thing of the store at an address. */
export class Subscribers {
  #worker;

  static async follow(url, id, count) {
    const subscribers = new Subscribers();
    subscribers.#worker = new Worker(new URL(import.meta.url), { workerData: { url, id, count } });
    await subscribers.#said();
    return subscribers;
  }

  #said() {
    return new Promise((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', reject);
    });
  }

  /** How many pushes have come since the last call. */
  async pushes() {
    const said = this.#said();
    this.#worker.postMessage('pushes');
    return said;
  }

  async close() {
    await this.#worker.terminate();
  }
}

async function follow({ url, id, count }) {
  let pushes = 0;
  for (let i = 0; i < count; i++) {
    const socket = await opened(new WebSocket(url));
    const subscribed = new Promise((resolve) => {
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.id === 1) resolve(undefined);
        else pushes++;
      };
    });
    socket.send(JSON.stringify({ type: 'subscribe', id: 1, sub: 's', $ids: [id] }));
    await subscribed;
  }
  parentPort?.on('message', () => {
    parentPort?.postMessage(pushes);
    pushes = 0;
  });
  parentPort?.postMessage('subscribed');
}

if (workerData?.count) await follow(workerData);
