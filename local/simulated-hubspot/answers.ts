import { type JsonObject, writeJson } from './json-text.ts';

/** A request to the simulated API, without its transport. */
export type ApiRequest = {
  method: string;
  /** Path and query, as on the request line. */
  path: string;
  /** Names in lower case. */
  headers?: Readonly<Record<string, string | undefined>>;
  body?: string;
};

/** An answer of the simulated API. */
export type ApiAnswer = {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** What happens to it on the way: never sent, cut with the connection, or withheld without end. */
  transport: 'whole' | 'dropped' | 'cut' | 'stalled';
};

/** A request that HubSpot refuses, as an error body of its own kind. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly members: JsonObject;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, members: JsonObject, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.members = members;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** 400, as for a parameter that cannot be used. */
export function invalidRequest(message: string): Refusal {
  return new Refusal(400, message, { category: 'VALIDATION_ERROR' });
}

/** 404, as for an object that is not there, or not visible with these parameters. */
export function notFound(kind: string, id: string): Refusal {
  return new Refusal(404, `No ${kind} found with id ${id}`, {
    category: 'OBJECT_NOT_FOUND',
    context: { id: [id] },
  });
}

/** 401, as for a token that is missing or unknown. */
export function unauthenticated(): Refusal {
  const message =
    'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more ' +
    'details at https://developers.hubspot.com/docs/methods/auth/oauth-overview';
  return new Refusal(401, message, { category: 'INVALID_AUTHENTICATION' });
}

/** 403, as for a scope that the token does not have. */
export function missingScopes(...scopes: string[]): Refusal {
  const message =
    "This app hasn't been granted all required scopes to make this call. " +
    'Read more about required scopes here: https://developers.hubspot.com/scopes.';
  const errors = [
    {
      message: 'One or more of the following scopes are required.',
      context: { requiredGranularScopes: scopes },
    },
  ];
  return new Refusal(403, message, {
    errors,
    links: { scopes: 'https://developers.hubspot.com/scopes' },
    category: 'MISSING_SCOPES',
  });
}

/** 200 with this JSON text. */
export function answerJson(body: string, status = 200): ApiAnswer {
  return { status, headers: { 'content-type': 'application/json;charset=utf-8' }, body, transport: 'whole' };
}

/** A page of HTML, as HubSpot's CDN and its web server answer. */
export function answerHtml(status: number, title: string): ApiAnswer {
  const body = `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body, transport: 'whole' };
}

/**
 * The error body of a refusal, in the shape of HubSpot's error page
 * (https://developers.hubspot.com/docs/api-reference/error-handling, read November 2026).
 */
export function answerRefusal(refusal: Refusal, correlationId: string): ApiAnswer {
  const { status, message, members, retryAfterSeconds } = refusal;
  const answer = answerJson(writeJson({ status: 'error', message, correlationId, ...members }), status);
  answer.headers['x-hubspot-correlation-id'] = correlationId;
  if (retryAfterSeconds !== undefined) answer.headers['retry-after'] = String(retryAfterSeconds);
  if (status === 401) answer.headers['x-hubspot-auth-failure'] = '401 Unauthorized';
  return answer;
}
