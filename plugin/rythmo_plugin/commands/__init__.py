"""Commands that the plugin adds to `rythmo`."""
