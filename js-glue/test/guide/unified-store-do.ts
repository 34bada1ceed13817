// snippet: store
import { UnifiedStoreDO } from '@unified-storage/worker/components';

export class Customers {
  private store: UnifiedStoreDO;

  constructor(state: DurableObjectState, env: Env) {
    this.store = new UnifiedStoreDO(state, env, {
      namespace: state.id.name ?? 'default',
      checkpointInterval: 5000,
      columnarThreshold: 1000,
      dirtyCountThreshold: 100,
      iceberg: env.ICEBERG,
    });
  }

  async rename($id: string, name: string) {
    await this.store.onStart();
    const { $version } = await this.store.put('Customer', $id, { name });
    return $version;
  }

  webSocketMessage(ws: WebSocket, message: string | ArrayBuffer) {
    this.store.handleMessage(ws, message);
  }

  alarm() {
    this.store.handleAlarm();
  }
}
// end
