import { openSurvey } from '#core';
import { icebergFrom } from '@unified-storage/iceberg-reader';
import { directoryOf } from './directory-stub.js';

/** Objects that are told at a time, and in all: an invocation sends so many requests and not many more. */
const AT_ONCE = 6;
const MOST_TOLD = 500;

/** Of files that the catalog has written anew only those are read whose rows are no older. */
const OLDEST_MS = 7 * 86_400_000;

/**
 * Looks at what has come into the archive since the look before the last one, and tells each object
 * what of it is there.
 *
 * @param {import('./index.js').Env} env
 * @param {DurableObjectNamespace} stores
 */
export async function lookAtArchive(env, stores) {
  const archive = env.ICEBERG ?? icebergFrom(env);
  if (!env.DIRECTORY || !archive?.survey) {
    throw new Error('a look at the archive takes the binding DIRECTORY and an archive, ICEBERG_CATALOG_URL');
  }
  const directory = directoryOf(env.DIRECTORY);
  const { after, sinceMs } = await directory.lookFrom();
  const untilMs = Date.now();
  const survey = openSurvey();
  const commit = await archive.survey({
    after,
    sinceMs: sinceMs - OLDEST_MS,
    row: (ns, epoch, life, seq, events) => survey.row(ns, epoch, life, seq, events),
  });
  const size = survey.size();
  // Of more than can be told others have their turn each time.
  const first = size > MOST_TOLD ? Math.floor(Math.random() * size) : 0;
  /** @param {number} i */
  const tell = async (i) => {
    const at = (first + i) % size;
    const report = survey.report(at, sinceMs, untilMs);
    const name = survey.namespace(at);
    try {
      if (report) await /** @type {any} */ (stores.getByName(name)).told(report);
    } catch (e) {
      console.warn(`namespace ${name} was not told how the archive stands: ${e}`);
    }
  };
  const told = Math.min(size, MOST_TOLD);
  for (let i = 0; i < told; i += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, told - i) }, (_, k) => tell(i + k)));
  }
  await directory.looked(commit, Date.now());
}
