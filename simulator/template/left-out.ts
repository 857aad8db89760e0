/** What follows when it cannot be told which resource is deployed, or whether it is. */
export const leftOut = 'the resource is left out: ';
