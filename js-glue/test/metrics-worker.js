import worker, { UnifiedStoreObject } from '@unified-storage/worker';

const points = [];
let broken = false;

/** A dataset that refuses what the platform refuses, and everything when a test wants it. */
const dataset = {
  writeDataPoint({ indexes, blobs, doubles }) {
    const utf8 = new TextEncoder();
    const bytes = (texts) => texts.reduce((sum, text) => sum + utf8.encode(text).length, 0);
    if (broken) throw new Error('no more points');
    if (indexes.length !== 1 || bytes(indexes) > 96) throw new Error(`the index is ${indexes}`);
    if (blobs.length > 20 || bytes(blobs) > 16 * 1024) throw new Error(`the blobs are ${blobs}`);
    if (doubles.length > 20 || doubles.some((value) => typeof value !== 'number')) {
      throw new Error(`the doubles are ${doubles}`);
    }
    points.push({ index1: indexes[0], timestamp: Date.now() / 1000, blobs, doubles });
  },
};

export class Measured extends UnifiedStoreObject {
  constructor(ctx, env) {
    super(ctx, { ...env, METRICS: dataset });
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/points') return Response.json(points);
    if (pathname === '/break') {
      broken = true;
      return new Response('broken');
    }
    return worker.fetch(request, env, ctx);
  },
};
