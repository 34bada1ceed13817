/**
 * Calls what the application gave. What it throws is an error of the application's that nothing has caught: the page or the
 * process hears of it as such, and the client's work goes on.
 */
export function callOut(run: () => void) {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Those who want to be told of something; what one of them throws keeps it from no other. */
export class Listeners<T> {
  readonly #all = new Set<(told: T) => void>();

  /** The answer ends it. */
  add(listener: (told: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(told: T) {
    for (const listener of [...this.#all]) callOut(() => listener(told));
  }

  clear() {
    this.#all.clear();
  }
}
