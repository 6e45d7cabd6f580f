import { bodyText, type Clock, type HttpTransport, HttpTransportError } from "@tatou/model";
import { type HttpCredentials, type OAuth2Credentials, secretText, type TokenSource } from "./http-config.ts";

/** A token is renewed this long before it ends, so that no request carries one that ends on its way. */
const renewBeforeMs = 10_000;
const tokenTimeoutMs = 10_000;
/** The answer to a token that holds no more. */
export const unauthorizedStatus = 401;
const tokenAnswerMaxBytes = 1024 * 1024;

/**
 * Fetches and keeps the token of an OAuth2 client; for other credentials, a source nobody asks.
 * @param open the transport to the token's server, with the TLS and proxy settings of the credentials
 */
export function tokenSource(
  credentials: HttpCredentials | null | undefined,
  clock: Clock,
  open: (credentials: OAuth2Credentials) => HttpTransport,
): TokenSource {
  if (credentials?.kind !== "oauth2") return { get: async () => "", forget: () => {} };
  const transport = open(credentials);
  let token = "";
  let renewAtMs = Number.NEGATIVE_INFINITY;
  return {
    async get() {
      if (clock.monotonicMs() < renewAtMs) return token;
      const fetched = await fetchToken(credentials, transport);
      token = fetched.token;
      renewAtMs = clock.monotonicMs() + fetched.lifetimeMs - renewBeforeMs;
      return token;
    },
    forget() {
      renewAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}

async function fetchToken(
  { clientId, clientSecret, scopes, tokenUrl, endpointParams }: OAuth2Credentials,
  transport: HttpTransport,
): Promise<{ token: string; lifetimeMs: number }> {
  const form = new URLSearchParams({ ...endpointParams, grant_type: "client_credentials" });
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(await secretText(clientSecret))}`;
  const response = await transport.send({
    method: "POST",
    url: tokenUrl,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
    },
    body: form.toString(),
    timeoutMs: tokenTimeoutMs,
    bodySizeMaxBytes: tokenAnswerMaxBytes,
  });
  const answer = parseObject(bodyText(response));
  const token = answer["access_token"];
  if (response.status !== 200 || typeof token !== "string")
    throw new HttpTransportError("protocol", `oauth2: cannot fetch token: status ${response.status}`);
  const lifetimeSeconds = Number(answer["expires_in"] ?? Number.NaN);
  // Without an end, the token holds until it is refused.
  return { token, lifetimeMs: Number.isFinite(lifetimeSeconds) ? lifetimeSeconds * 1000 : Number.POSITIVE_INFINITY };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
