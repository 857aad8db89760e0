import { syncBuiltinESMExports } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';

/** Every wait is over at once; the time of day stays as it is. Returns how to go back. */
export function skipWaiting(): () => void {
  const clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] });
  clock.setTickMode({ mode: 'nextAsync' });
  syncBuiltinESMExports();
  return () => {
    clock.uninstall();
    syncBuiltinESMExports();
  };
}
