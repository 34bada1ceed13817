import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Phase {
  delayMs: number;
  /** How likely a piece of a stream is the last of its connection, and does not arrive. */
  cut: number;
  /** How likely a connection carries nothing any more from a piece on, without a word. */
  halfOpen: number;
}

/** A proxy between clients and a store that loses, delays and cuts what it carries. */
export class WeatherProxy {
  phase: Phase = { delayMs: 0, cut: 0, halfOpen: 0 };
  readonly #target: () => number;
  readonly #random: () => number;
  readonly #open = new Set<Socket>();
  #server!: Server;

  constructor(target: () => number, random: () => number) {
    this.#target = target;
    this.#random = random;
  }

  async listen(): Promise<number> {
    this.#server = createServer((client) => {
      const store = connect(this.#target(), '127.0.0.1');
      const link = { deaf: false };
      this.#carry(client, store, link);
      this.#carry(store, client, link);
    });
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as { port: number }).port;
  }

  /** Every connection breaks off. */
  cutAll() {
    for (const socket of this.#open) socket.destroy();
  }

  close() {
    this.#server.close();
    this.cutAll();
  }

  #carry(from: Socket, to: Socket, link: { deaf: boolean }) {
    this.#open.add(from);
    from.setNoDelay();
    from.on('error', () => {});
    from.on('close', () => {
      this.#open.delete(from);
      if (!link.deaf) to.destroy();
    });
    from.on('data', (piece) => {
      if (this.#random() < this.phase.halfOpen) link.deaf = true;
      if (link.deaf) return;
      if (this.#random() < this.phase.cut) {
        from.destroy();
        to.destroy();
        return;
      }
      if (this.phase.delayMs === 0) {
        to.write(piece);
        return;
      }
      // One after the other, so that the stream stays in order.
      from.pause();
      setTimeout(() => {
        to.write(piece);
        from.resume();
      }, this.#random() * this.phase.delayMs);
    });
  }
}
