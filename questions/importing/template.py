"""Tables to fill in, with the columns that readers know best and one question as an example."""

import csv
import io

HEAD = ["id", "question", "difficulty", "answer", "key points", "topics"]
EXAMPLE = [
    "1",
    "What is recall?",
    "easy",
    "The share of what should be found that is found.",
    "counts what was missed; is weighed against precision",
    "Metrics, Model evaluation",
]


def csv_template() -> tuple[bytes, str]:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([HEAD, EXAMPLE])
    return ("\ufeff" + file.getvalue()).encode(), "text/csv; charset=utf-8"


def xlsx_template() -> tuple[bytes, str]:
    import openpyxl  # some megabytes, which a process that only shows pages does without

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Questions")
    for row in (HEAD, EXAMPLE):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


TEMPLATES = {"csv": csv_template, "xlsx": xlsx_template}
