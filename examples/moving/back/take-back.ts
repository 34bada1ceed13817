/** Brings all that a store has into an object of an old class, whose method takes an export. */
export async function takeBack(
  store: Pick<DurableObjectStub, 'fetch'>,
  old: { takeBack(things: ReadableStream<Uint8Array>): Promise<void> },
) {
  const { ok, status, body } = await store.fetch('http://store/export');
  if (!ok || !body) throw new Error(`the store exports nothing: ${status}`);
  await old.takeBack(body);
}
