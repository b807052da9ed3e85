export { type LoginCommand, loginCommands, type LoginSystem, systemOfUname, unameCommand } from './commands.ts';
export { type LoginRead, reportOfLogin } from './report.ts';
