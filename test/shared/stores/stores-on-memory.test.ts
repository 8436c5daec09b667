import { MemoryTables } from '../../../shared/stores/memory/memory-tables.ts';
import { ensureTables } from '../../../shared/stores/tables.ts';
import { TestClock } from './fixtures.ts';
import { describeBrake } from './brake-contract.ts';
import { describeTable } from './table-contract.ts';
import { describePairRows } from './pair-rows-contract.ts';
import { describeTenantStores } from './tenant-stores-contract.ts';

const tables = new MemoryTables();
await ensureTables(tables, new TestClock());

describeTable('memory', () => tables);
describePairRows('memory', () => tables);
describeTenantStores('memory', () => tables);
describeBrake('memory', () => tables);
