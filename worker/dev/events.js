import { WorkerEntrypoint } from 'cloudflare:workers';

/** A Pipeline's stand-in: each send() is one POST, and fails when the POST does. */
export class Events extends WorkerEntrypoint {
  async send(records) {
    const response = await fetch(this.env.PIPELINE_URL, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(records),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`the Pipeline answered ${response.status} ${text}`);
    }
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };
