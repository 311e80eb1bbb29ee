import type { AgentFunction } from "../shapes";

/** Verifies a Standard Webhooks signature over the bytes as they came: n8n's own webhook node cannot. */
const VERIFY = `const crypto = require('crypto');
const secret = Buffer.from('WHSEC'.replace('whsec_', ''), 'base64');
const head = $input.first().json.headers;
const raw = await this.helpers.getBinaryDataBuffer(0, 'data');
const id = head['webhook-id'], at = head['webhook-timestamp'];
const expected = crypto.createHmac('sha256', secret).update(\`\${id}.\${at}.\`).update(raw).digest();
const fresh = Math.abs(Date.now() / 1000 - Number(at)) <= 300;
const good = fresh && String(head['webhook-signature'] || '').split(' ').some((one) => {
  const [version, value] = one.split(',');
  const given = Buffer.from(value || '', 'base64');
  return version === 'v1' && given.length === expected.length && crypto.timingSafeEqual(given, expected);
});
if (!good) return [{ json: { status: 401, answer: { error: 'bad signature' } } }];
const asked = JSON.parse(raw.toString());
// asked.function, asked.arguments: put your work here, and its answer below.
return [{ json: { status: 200, answer: { echo: asked.arguments, id } } }];`;

/** A workflow to paste into n8n that takes calls of this function and refuses all others. */
export function n8nFlow({ name, endpoint_url: url }: Pick<AgentFunction, "name" | "endpoint_url">, secret = "WHSEC"): string {
  const path = /\/webhook(?:-test)?\/([^?#]+)/.exec(url)?.[1] ?? name;
  const node = (id: string, title: string, type: string, typeVersion: number, x: number, parameters: object) => ({
    id,
    name: title,
    type: `n8n-nodes-base.${type}`,
    typeVersion,
    position: [x, 0],
    parameters,
  });
  const to = (title: string) => ({ main: [[{ node: title, type: "main", index: 0 }]] });
  const webhook = node("11111111-1111-4111-8111-111111111111", "Webhook", "webhook", 2, 0, {
    httpMethod: "POST",
    path,
    responseMode: "responseNode",
    options: { rawBody: true },
  });
  const flow = {
    name,
    nodes: [
      { ...webhook, webhookId: path },
      node("22222222-2222-4222-8222-222222222222", "Verify", "code", 2, 220, { jsCode: VERIFY.replace("WHSEC", secret) }),
      node("33333333-3333-4333-8333-333333333333", "Respond", "respondToWebhook", 1.1, 440, {
        respondWith: "json",
        responseBody: "={{ JSON.stringify($json.answer) }}",
        options: { responseCode: "={{ $json.status }}" },
      }),
    ],
    connections: { Webhook: to("Verify"), Verify: to("Respond") },
    settings: { executionOrder: "v1" },
  };
  return JSON.stringify(flow, null, 2);
}
