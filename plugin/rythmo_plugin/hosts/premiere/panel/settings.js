// Constants that the installer fills in for this machine.
"use strict";

// The folder with service.json; empty: this system's own folder for user data.
const RYTHMO_HOME = "";
// The file that starts the service when it is opened; empty: there is none.
const RYTHMO_STARTER = "";

/**
 * @param {{ homedir(): string, platform(): string }} os
 * @returns {string} the service's folder, with the system's separators
 */
function serviceHome(os) {
  if (RYTHMO_HOME) return RYTHMO_HOME;
  const home = os.homedir();
  return os.platform() === "darwin"
    ? `${home}/Library/Application Support/rythmo`
    : `${home}\\AppData\\Local\\rythmo`;
}

module.exports = { serviceHome, starter: RYTHMO_STARTER };
