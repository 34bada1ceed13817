// snippet: recovery
import { ColdStartRecovery } from '@unified-storage/worker/components';

const recovery = new ColdStartRecovery({
  namespace: 'tenant-123',
  sql: state.storage.sql,
  iceberg: env.ICEBERG,
  onProgress: ({ phase, loaded, total }) => console.log(`${phase}: ${loaded}/${total}`),
});
const { source, thingsLoaded } = await recovery.recover();
const things = recovery.getState();
const { valid, errors } = recovery.validateState();
// end

export { errors, source, things, thingsLoaded, valid };
