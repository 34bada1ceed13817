import { WorkerEntrypoint } from 'cloudflare:workers';

/** Cloudflare Access's stand-in: a request is of whom it says that it is. */
export default class extends WorkerEntrypoint {
  getIdentity() {
    return this.ctx.props.jwtClaims;
  }
}
