import { afterAll, beforeAll } from 'vitest';
import { AzureTables } from '../../../shared/stores/azure-tables.ts';
import { ensureTables } from '../../../shared/stores/tables.ts';
import type { Tables } from '../../../shared/stores/table.ts';
import { startAzurite, type TestAzurite } from '../../support/azurite.ts';
import { TestClock } from './fixtures.ts';
import { describeBrake } from './brake-contract.ts';
import { describeTable } from './table-contract.ts';
import { describePairRows } from './pair-rows-contract.ts';
import { describeTenantStores } from './tenant-stores-contract.ts';

let azurite: TestAzurite | undefined;
let tables: Tables | undefined;

beforeAll(async () => {
  azurite = await startAzurite();
  const { connectionString } = azurite;
  tables = new AzureTables({ connectionString }, { prefix: 'stores' });
  await ensureTables(tables, new TestClock());
});

afterAll(async () => {
  await azurite?.stop();
});

function started(): Tables {
  if (tables === undefined) throw new Error('Azurite is not there yet');
  return tables;
}

describeTable('Azurite', started);
describePairRows('Azurite', started);
describeTenantStores('Azurite', started);
describeBrake('Azurite', started);
