import { app } from '@azure/functions';
import { sweepScheduleOf } from './sweep-schedule.js';

/**
 * Everything that the app answers to. This file alone is loaded when the app starts; a throw in it would yield an app
 * without functions and without an error. All else is loaded when the first function runs.
 */
const functions = () => import('./functions/index.js');

app.hook.preInvocation(async (invocation) => {
  const { traced } = await functions();
  invocation.functionHandler = traced(invocation.functionHandler);
});

app.hook.appTerminate(async () => (await functions()).endTelemetry());

app.eventGrid('resourceChanged', {
  handler: async (event, context) => (await functions()).resourceChanged(event, context),
});

app.timer('sweep', {
  schedule: sweepScheduleOf(process.env),
  handler: async (timer, context) => (await functions()).sweep(timer, context),
});

// Once an hour, at a minute at which nothing else of Holdfast's begins.
app.timer('selfAudit', {
  schedule: '0 25 * * * *',
  handler: async (timer, context) => (await functions()).selfAudit(timer, context),
});

app.storageQueue('reconcile', {
  queueName: 'reconcile',
  connection: 'AzureWebJobsStorage',
  handler: async (message, context) => (await functions()).reconcile(message, context),
});

app.storageQueue('deliver', {
  queueName: 'deliver',
  connection: 'AzureWebJobsStorage',
  handler: async (message, context) => (await functions()).deliver(message, context),
});

app.http('remediate', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'remediate',
  handler: async (request, context) => (await functions()).remediate(request, context),
});

app.http('audit', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'audit',
  handler: async (request, context) => (await functions()).audit(request, context),
});

app.http('undo', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'audit/{id}/undo',
  handler: async (request, context) => (await functions()).undo(request, context),
});

app.http('approve', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'approve',
  handler: async (request, context) => (await functions()).approve(request, context),
});

app.http('findings', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'findings',
  handler: async (request, context) => (await functions()).findings(request, context),
});

app.http('acceptFinding', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'findings/accept',
  handler: async (request, context) => (await functions()).acceptFinding(request, context),
});

app.http('posture', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'posture',
  handler: async (request, context) => (await functions()).posture(request, context),
});

app.http('resources', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'resources',
  handler: async (request, context) => (await functions()).resources(request, context),
});

app.http('secretFlow', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'secret-flow',
  handler: async (request, context) => (await functions()).secretFlow(request, context),
});

app.http('exemption', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'exemption',
  handler: async (request, context) => (await functions()).exemption(request, context),
});

app.http('policy', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'policy',
  handler: async (request, context) => (await functions()).policy(request, context),
});

app.http('deadLetters', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'dead-letters',
  handler: async (request, context) => (await functions()).deadLetters(request, context),
});

app.http('replayDeadLetters', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'dead-letters/replay',
  handler: async (request, context) => (await functions()).replayDeadLetters(request, context),
});

app.http('health', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'health',
  handler: async (request, context) => (await functions()).health(request, context),
});

// For probes that can send no key: it says nothing but the status.
app.http('healthStatus', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'health/status',
  handler: async (request, context) => (await functions()).healthStatus(request, context),
});

// A browser that goes to an address can send no key: the page holds nothing, and asks for the key itself.
app.http('dashboard', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'dashboard',
  handler: async (request, context) => (await functions()).dashboard(request, context),
});
