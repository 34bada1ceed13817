const ATTEMPTS = 4;
const FIRST_DELAY_MS = 150;

/** An error that trying again does not mend. */
export class Refusal extends Error {}

/** Does something over the network, again after failures that may pass; not after a Refusal. */
export async function retrying(signal, attempt) {
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (e) {
      if (signal.aborted || e instanceof Refusal || tried === ATTEMPTS) throw e;
    }
    // Spread, so that the objects of one Worker do not come back all at once.
    await pause(FIRST_DELAY_MS * 4 ** (tried - 1) * (0.5 + Math.random()), signal);
  }
}

/**
 * GETs something, and gives what `take` makes of the response.
 *
 * @param {string} url
 * @param {{
 *   headers?: Record<string, string>,
 *   token?: string,
 *   signal: AbortSignal,
 *   take: (response: Response) => Promise<any>,
 * }} request
 */
export function get(url, { headers, token, signal, take }) {
  const sent = token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  return retrying(signal, async () => {
    let response;
    try {
      response = await fetch(url, { headers: sent, signal });
      if (response.ok) return await take(response);
    } catch (e) {
      if (e instanceof Refusal || signal.aborted) throw e;
      throw new Error(`GET ${url} failed: ${e.message ?? e}`, { cause: e });
    }
    const text = (await response.text().catch(() => '')).slice(0, 300);
    const error = `GET ${url} answered ${response.status} ${text}`.trim();
    const passing = response.status >= 500 || response.status === 429 || response.status === 408;
    throw passing ? new Error(error) : Object.assign(new Refusal(error), { status: response.status });
  });
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
