import type { Thing } from '@unified-storage/worker';

/** The things of a store's export, one by one; throws at the end when they are not all. */
export async function* thingsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Thing> {
  let rest = '';
  let whole = false;
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { $id, end, ...more } = JSON.parse(line);
      if ($id !== undefined) yield { $id, ...more };
      whole = end === true;
    }
  }
  if (!whole) throw new Error('the export broke off: ask for it again');
}
