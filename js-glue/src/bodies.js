/** @import { Body, Received } from './core.js' */

/**
 * The body of a request as text, read only as far as it is asked for.
 *
 * @implements {Body}
 */
export class IncomingBody {
  #reader;
  #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /** @param {ReadableStream<Uint8Array> | null} body */
  constructor(body) {
    this.#reader = body?.getReader();
  }

  /** @param {Received} part */
  next(part) {
    this.#read().then(
      (text) => part(text, null),
      (e) => part(null, e instanceof TypeError ? 'expected UTF-8 text' : `the body broke off: ${e}`),
    );
  }

  async #read() {
    for (;;) {
      const { done, value } = this.#reader ? await this.#reader.read() : { done: true };
      const text = this.#utf8.decode(value, { stream: !done });
      if (text || done) return done ? text || null : text;
    }
  }

  cancel() {
    this.#reader?.cancel().catch(() => {});
  }
}

/**
 * The stream of an answer's body; a part is made only when the client has room for it.
 *
 * @param {Body} body
 * @returns {ReadableStream<Uint8Array>}
 */
export function streamOf(body) {
  const utf8 = new TextEncoder();
  return new ReadableStream(
    {
      pull: (controller) =>
        new Promise((resolve) => {
          body.next((text) => {
            if (text === null) controller.close();
            else controller.enqueue(utf8.encode(text));
            resolve();
          });
        }),
      cancel: () => body.cancel(),
    },
    { highWaterMark: 0 },
  );
}
