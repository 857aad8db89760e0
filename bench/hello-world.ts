import { app } from '@azure/functions';

// The least that an app can be: what its start takes is what the library and Node.js take.
app.http('hello', { methods: ['GET'], handler: () => ({ body: 'Hello, world' }) });
