#include "app/command_line.hpp"

int main(int argc, char** argv)
{
    return strowger::app::run(argc, argv);
}
