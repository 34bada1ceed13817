// Stands in for the platform's module of this name, so that an object can be made without one.

export class DurableObject {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}
