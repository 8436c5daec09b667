import { describeBridgeContract } from '../../../support/bridge-contract.ts';
import { ToyStage } from '../../../support/toy-stage.ts';

describeBridgeContract('a REST calendar that the settings of the guide describe', () => {
  const stage = new ToyStage();
  return Promise.resolve(stage.harness(stage.bridge()));
});

describeBridgeContract('the same calendar with two slots on a page, sent whole', () => {
  const stage = new ToyStage({ pageSize: 2 });
  const endpoints = JSON.parse(stage.settings()['endpoints'] ?? '') as Record<string, object>;
  const update_event = { ...endpoints['update_event'], sends: 'all' };
  const bridge = stage.bridge({ endpoints: JSON.stringify({ ...endpoints, update_event }) });
  return Promise.resolve(stage.harness(bridge));
});
