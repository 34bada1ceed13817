const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'inspector.js': 'text/javascript; charset=utf-8',
  'inspector.css': 'text/css; charset=utf-8',
};

/** A stand-in for static assets, which workerd alone has not: the inspector's page, its files bound as texts. */
export default {
  fetch(request, env) {
    const name = new URL(request.url).pathname.replace(/^\/inspector\/?/, '') || 'index.html';
    if (!(name in TYPES)) return new Response(null, { status: 404 });
    return new Response(env[name], { headers: { 'content-type': TYPES[name] } });
  },
};
