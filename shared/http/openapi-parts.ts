/** Parts of the OpenAPI document that no route makes. */

const text = { type: 'string' };

export const SECURITY_SCHEMES = {
  ApiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  EarlierApiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'api_key',
    description: 'As clients of the earlier service send it.',
  },
} as const;

export const PARAMETERS = {
  Tenant: { name: 'tenant', in: 'path', required: true, schema: text },
  TenantHeader: {
    name: 'X-Tenant-Id',
    in: 'header',
    description: 'The tenant that an admin means; with a tenant’s key it may only agree.',
    schema: text,
  },
  RequestId: {
    name: 'X-Request-Id',
    in: 'header',
    description: 'Taken over where it is a sane token, else a new one is made.',
    schema: { ...text, pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$' },
  },
} as const;

export const HEADERS = {
  'X-Request-Id': { description: 'Of this request, here and in the log.', schema: text },
  Deprecation: {
    description: 'RFC 9745: this way of asking goes in a later version.',
    schema: text,
  },
  Link: { description: 'What to use instead, with `rel="successor-version"`.', schema: text },
  Location: { description: 'Where what was made or begun is found.', schema: text },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'Which key is wanted.', schema: text },
} as const;
