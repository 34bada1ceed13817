import { UnifiedStoreDO } from '@unified-storage/worker/components'

export class MyDO {
  private store: UnifiedStoreDO

  constructor(state: DurableObjectState, env: Env) {
    this.store = new UnifiedStoreDO(state, env, {
      namespace: state.id.name ?? 'default',
      checkpointInterval: 5000,    // 5s checkpoint interval
      columnarThreshold: 1000,     // Columnar for < 1000 items
      dirtyCountThreshold: 100,    // Checkpoint at 100 dirty
      iceberg: env.ICEBERG,        // Optional Iceberg reader
    })
  }

  async fetch(request: Request): Promise<Response> {
    // Handle WebSocket upgrade
    if (request.headers.get('Upgrade') === 'websocket') {
      const [client, server] = Object.values(new WebSocketPair())
      server.accept()

      server.addEventListener('message', async (event) => {
        const msg = JSON.parse(event.data as string)

        switch (msg.type) {
          case 'create':
            await this.store.handleCreate(server, msg)
            break
          case 'read':
            await this.store.handleRead(server, msg)
            break
          case 'update':
            await this.store.handleUpdate(server, msg)
            break
          case 'delete':
            await this.store.handleDelete(server, msg)
            break
          case 'batch':
            await this.store.handleBatch(server, msg)
            break
        }
      })

      return new Response(null, { status: 101, webSocket: client })
    }

    return new Response('WebSocket required', { status: 400 })
  }

  // Lifecycle hooks
  async onStart() {
    await this.store.onStart()
  }

  async beforeHibernation() {
    await this.store.beforeHibernation()
  }
}
