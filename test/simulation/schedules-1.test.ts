import { testSchedules } from './schedules.ts';

testSchedules({ first: 0, count: 1_600 });
