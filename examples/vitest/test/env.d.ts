declare namespace Cloudflare {
  interface Env {
    STORES: DurableObjectNamespace<import('../src/index').Board>;
  }
}
