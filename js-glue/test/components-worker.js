import {
  ColdStartRecovery,
  InMemoryStateManager,
  LazyCheckpointer,
  PipelineEmitter,
} from '@unified-storage/worker/components';
import { MyDO } from './seed/my-do.ts';

const RECORDS = [
  { verb: 'thing.created', payload: { $id: 'old', $type: 'T', n: 1 }, timestamp: '2024-01-01T00:00:00Z' },
];

/** The seed's example with its hooks called, an archive bound, and its components used alone. */
export class Archived extends MyDO {
  constructor(state, env) {
    super(state, { ...env, ICEBERG: { getRecords: async () => RECORDS } });
    this.state = state;
    this.events = env.EVENTS;
  }

  alarm() {
    this.store.handleAlarm();
  }

  async fetch(request) {
    const { pathname } = new URL(request.url);
    const hook = pathname.split('/')[2];
    if (hook === 'start') return this.onStart().then(() => Response.json(this.store.get('old')));
    if (hook === 'hibernate') {
      return this.beforeHibernation().then(() => Response.json([...this.store.getDirtyEntries()]));
    }
    if (hook === 'alarm') {
      await this.alarm();
      return Response.json(await this.state.storage.getAlarm());
    }
    if (hook === 'stats') return this.store.handleRequest(new Request('http://store/stats'));
    return super.fetch(request);
  }
}

/** The four components by hand, in an object that has no store. */
export class ByHand {
  constructor(state, env) {
    this.storage = state.storage;
    this.events = env.EVENTS;
  }

  async fetch() {
    const { storage } = this;
    const manager = new InMemoryStateManager();
    const checkpointer = new LazyCheckpointer({ sql: storage.sql, storage, dirtyTracker: manager });
    const emitter = new PipelineEmitter(this.events, { namespace: 'alone' });
    for (let i = 0; i < 120; i++) {
      emitter.emit('thing.created', 'things', manager.create({ $type: 'T', $id: `t${i}`, n: i }));
      checkpointer.notifyDirty();
    }
    await emitter.close();
    await checkpointer.destroy();
    const recovery = new ColdStartRecovery({ namespace: 'alone', sql: storage.sql });
    const result = await recovery.recover();
    const stats = checkpointer.getStats();
    return Response.json({ result, thing: recovery.getState().get('t7'), stats });
  }
}

/** Every first segment of a path is one object of the example's class, but for /by-hand. */
export default {
  fetch(request, env) {
    const [, name] = new URL(request.url).pathname.split('/');
    return (name === 'by-hand' ? env.BY_HAND : env.MY_DO).getByName(name).fetch(request);
  },
};
