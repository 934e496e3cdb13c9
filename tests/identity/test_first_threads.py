"""The first names of a process come in several threads at once: each gets its letter, then and later."""

import subprocess
import sys

FIRST_NAMES = """
import sys, threading
import django
from django.conf import settings
settings.configure(USE_I18N=False)
from signatories.identity import names

sys.setswitchinterval(1e-6)
start, letters, failed = threading.Barrier(8), [], []

def file(name):
    start.wait()
    try:
        letters.append(names.keys(name=name).letter)
    except Exception as error:
        failed.append(repr(error))

threads = [threading.Thread(target=file, args=(name,)) for name in ("Ann Zeal", "Яна Яблокова") * 4]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
letters += [names.keys(name=name).letter for name in ("Ann Zeal", "Яна Яблокова")]
print(failed, "".join(sorted(letters)))
"""


def test_names_of_several_threads_are_filed_from_the_first_on() -> None:
    for _ in range(4):
        told = subprocess.run([sys.executable, "-c", FIRST_NAMES], capture_output=True, text=True, check=True)
        assert told.stdout.split() == ["[]", "ZZZZZЯЯЯЯЯ"]
