"""The entry point: reads environment and arguments once, runs one command, turns errors into sentences and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from cabin.frames import leave_out
from cabin.output import Output
from cabin.session import Session
from cabin.settings import Settings
from contracts.errors import CabinError

VALUED = {"--data": "CABIN_DATA", "--lang": "CABIN_LANG"}


def main() -> None:
    """`cabin` on the command line."""
    leave_out()
    sys.exit(run(sys.argv[1:], {**account(), **os.environ}))


def account() -> dict[str, str]:
    """The name of who runs this, where neither USER nor LOGNAME says it."""
    import pwd

    try:
        return {"LOGNAME": pwd.getpwuid(os.getuid()).pw_name}
    except KeyError:
        return {}


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs one command; 0 done, 1 findings or an expected error, 2 usage, 3 unavailable. A traceback means a bug."""
    rest, given, as_json = _take_globals(arguments)
    out = Output(as_json=as_json)
    mask = os.umask(0o077)  # log, state and warehouse hold personal values for their purpose: the owner's alone, also in helper processes
    try:
        settings = Settings.from_mapping({**environment, **given})
        out.lang = settings.lang
        return _invoke(rest, Session(settings, out))
    except CabinError as error:
        out.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        from cabin.machine import told_of_machine

        told = told_of_machine(error)
        if told is None:
            raise
        out.error(told)
        return told.exit_code
    finally:
        os.umask(mask)
        out.finish()


def _invoke(arguments: Sequence[str], session: Session) -> int:
    from cabin.app import command_line
    from cabin.usage import mistake

    lang = session.settings.lang
    try:
        result = command_line(lang).main(list(arguments), prog_name="cabin", standalone_mode=False, obj=session)
        return result if isinstance(result, int) else 0
    except Exception as error:
        if type(error).__name__ == "Abort":  # the end of input at a prompt
            raise KeyboardInterrupt from None
        # typer's own errors about arguments carry their text and exit code 2; every other error is none of ours to hide
        if not hasattr(error, "format_message"):
            raise
        if type(error).__name__ == "NoArgsIsHelpError" and not session.out.as_json:
            session.out.line(error.format_message(), error.format_message())  # no command was given: the page of commands is the answer
        else:
            session.out.usage(mistake(error, lang))
        return 2
    finally:
        session.close()


def _take_globals(arguments: Sequence[str]) -> tuple[list[str], dict[str, str], bool]:
    """Takes --data, --lang and --json from wherever they stand before `--`."""
    rest: list[str] = []
    given: dict[str, str] = {}
    as_json = False
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += [argument, *waiting]
        elif argument == "--json":
            as_json = True
        elif name in VALUED:
            given[VALUED[name]] = value if equals else next(waiting, "")
        else:
            rest.append(argument)
    return rest, given, as_json


if __name__ == "__main__":
    main()
