import routes, { UnifiedStoreObject } from '@unified-storage/worker';
import { SignJWT } from 'jose';

export { UnifiedStoreObject };

export default {
  ...routes,
  async fetch(request, env, ctx) {
    // What has come through Access has it, and nothing else. Its audience is one application's.
    const user = ctx.access?.aud === env.ACCESS_AUD ? await ctx.access.getIdentity() : undefined;
    if (!user?.user_uuid) return new Response('expected Cloudflare Access', { status: 403 });
    const claims = { sub: user.user_uuid, ns: [`user-${user.user_uuid}`], scope: 'read write' };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(env.AUTH_JWT_SECRET));
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${token}`);
    return routes.fetch(new Request(request, { headers }), env, ctx);
  },
};
