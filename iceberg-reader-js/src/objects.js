import { Refusal, get, retrying } from './retry.js';

/** The warehouse's objects in a bound R2 bucket. */
export class BucketObjects {
  #bucket;

  constructor(bucket) {
    this.#bucket = bucket;
  }

  /** The bytes of an object from `from` up to `to`, or all of them. */
  read(location, signal, from = 0, to) {
    const { key } = parse(location);
    return retrying(signal, async () => {
      const range = to === undefined ? undefined : { offset: from, length: to - from };
      let object;
      let bytes;
      try {
        object = await this.#bucket.get(key, { range });
        bytes = object && new Uint8Array(await object.arrayBuffer());
      } catch (e) {
        throw new Error(`${location} could not be read from the bucket: ${e.message ?? e}`, { cause: e });
      }
      signal.throwIfAborted();
      if (!object) throw new Refusal(`the bucket has no object ${key}, which is ${location}`);
      return whole(bytes, location, from, to);
    });
  }
}

/** The same over HTTP, as the emulator serves them: {url}/{bucket}/{key}. */
export class HttpObjects {
  #url;
  #token;

  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  read(location, signal, from = 0, to) {
    const { bucket, key } = parse(location);
    const path = `${bucket}/${key}`.split('/').map(encodeURIComponent).join('/');
    const ranged = to !== undefined;
    return get(`${this.#url}/${path}`, {
      token: this.#token,
      headers: ranged ? { Range: `bytes=${from}-${to - 1}` } : {},
      signal,
      async take(response) {
        if (ranged && response.status !== 206) {
          await response.body?.cancel();
          throw new Refusal(`GET ${response.url} answered ${response.status} to a Range; expected 206`);
        }
        return whole(new Uint8Array(await response.arrayBuffer()), location, from, to);
      },
    });
  }
}

function whole(bytes, location, from, to) {
  if (to !== undefined && bytes.length !== to - from) {
    throw new Error(`${location}: expected the bytes ${from}-${to - 1}, got ${bytes.length} bytes`);
  }
  return bytes;
}

function parse(location) {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
  if (!key || location.split('/').some((part) => part === '.' || part === '..')) {
    throw new Refusal(`${location}: expected an object's location, s3://bucket/key`);
  }
  return { bucket, key };
}
