import { testSchedules } from './schedules.ts';

testSchedules({ first: 1_600, count: 1_600 });
