import '../contract.test.mjs';
import '../engines.test.mjs';
import '../reader.test.mjs';
import { runAll } from 'node:test';

export default {
  async fetch() {
    return Response.json(await runAll());
  },
};
