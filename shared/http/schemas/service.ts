import * as z from 'zod';
import { component } from './component.ts';
import { Time } from './common.ts';

export const ServiceHealth = component(
  'ServiceHealth',
  z.object({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    timestamp: Time,
    problems: z.array(z.string()).describe('Settings that are bad, or what does not answer.'),
  }),
);

export const OpenApi = component(
  'OpenApi',
  z.looseObject({ openapi: z.string() }).describe('OpenAPI 3.1.'),
);
