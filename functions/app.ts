import type { app } from '@azure/functions';

/** The part of `app` of @azure/functions that is used, so that tests can pass a recorder. */
export type FunctionApp = Pick<typeof app, 'http' | 'timer' | 'storageQueue'>;

/** Setting of the connection that queue triggers use; the host's own storage. */
export const CONNECTION = 'AzureWebJobsStorage';
