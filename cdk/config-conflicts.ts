import type { Config } from './config.ts';

/**
 * The keys that do not go with the others: one that is missing where another needs it, or given where it would have no
 * effect. A setting that is silently ignored would be found out when it is too late. Pure.
 */
export function conflictingKeys(config: Config): (keyof Config)[] {
  const { retentionMode, retentionDays, complianceCannotBeUndone, coldStorageDays, coldStorageClass } =
    config;
  const conflicts: [keyof Config, boolean][] = [
    ['retentionDays', (retentionMode !== 'none') !== (retentionDays !== undefined)],
    // Given with another mode, it would be there already on the day when somebody changes the mode.
    ['complianceCannotBeUndone', (retentionMode === 'compliance') !== (complianceCannotBeUndone === true)],
    ['coldStorageDays', coldStorageDays === undefined && coldStorageClass !== undefined],
    ['coldStorageClass', coldStorageDays !== undefined && coldStorageClass === undefined],
  ];
  return conflicts.filter(([, isConflict]) => isConflict).map(([key]) => key);
}
