import { icebergFrom } from '@unified-storage/iceberg-reader';

/** Answers a POSTed query with what a reader finds: a summary, and the rows if they are few. */
export default {
  async fetch(request, env) {
    if (request.method !== 'POST') return new Response('ready');
    const query = await request.json();
    const found = { rows: [], count: 0, bytes: 0, ordered: true, progress: 0 };
    let last = { epoch: -1, seq: -1 };
    const progress = () => found.progress++;
    try {
      for await (const rows of icebergFrom(env).read({ ...query, progress })) {
        for (const row of rows) {
          found.ordered &&= row.epoch > last.epoch || (row.epoch === last.epoch && row.seq > last.seq);
          found.bytes += row.payload?.length ?? 0;
          last = row;
        }
        found.count += rows.length;
        if (found.count <= 1000) found.rows.push(...rows);
      }
    } catch (e) {
      found.error = e.message;
    }
    return Response.json(found);
  },
};
